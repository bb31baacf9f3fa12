import { later } from '@qingfen/testing';
import { DataSource } from 'typeorm';
import { plan, shopId } from '../orders.js';
import { naiveEntities, PlanVersion } from './entities.js';

const dayMs = 86_400_000;

/** The naive reference's own database: its tables, a pool of ten, and the plan in force. */
export async function openNaiveDatabase(url: string, until: string): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url,
    entities: naiveEntities,
    synchronize: true,
    logging: false,
    extra: { max: 10 },
  });
  await source.initialize();
  await source.getRepository(PlanVersion).save({
    shopId,
    version: 1,
    effectiveFrom: new Date(later(until, -3 * dayMs)),
    returnWindowDays: plan.returnWindowDays,
    feeRate: plan.platformFee.rate,
    levelRates: plan.commission.levels.map(({ rate }) => rate),
  });
  return source;
}

import type { ReferenceWorld } from './reference/world.js';
import type { RunningSystem } from './running-system.js';
import { halfYearShops } from './terms.js';

/** The system's own replay of its books: every order of the world is in it, and nothing differs. */
export async function compareReplays(
  system: RunningSystem,
  world: ReferenceWorld,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const { shopId } of halfYearShops) {
    const pages = await system.gateway.replay(shopId);
    const found = pages.flatMap((page) => page.differences);
    differences.push(...found.map(({ message }) => `${shopId} replayed: ${message}`));
    const orders = pages.reduce((sum, { checked }) => sum + checked.orders, 0);
    const { count } = world.shop(shopId).orders;
    if (orders !== count) differences.push(`${shopId}: ${orders} orders replayed, not ${count}`);
  }
  return differences;
}

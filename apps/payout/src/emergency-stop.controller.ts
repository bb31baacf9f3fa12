import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import {
  emergencyStopBody,
  reasonBody,
  serviceNames,
  type EmergencyStop,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { audit, bodyOf, CallerIs, Permit, PermitService, readers } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { markLifted } from './brake.store.js';
import {
  everyShop,
  findStop,
  isStopped,
  putStop,
  readStops,
  type Stop,
} from './emergency-stop.store.js';
import { closeSendGate } from './send-gate.js';
import { lastMoveAt } from './payout.store.js';
import { defaultTimezone, timezoneOf } from './shop.store.js';
import { lockWaiting } from './wait.store.js';
import { resume } from './waiting-room.js';
import { Wake } from './wake.js';

/** Stops all sending, of one shop or of all: two flags, each lifted by itself (R-OPS-2). */
@Controller('internal')
export class EmergencyStopController {
  constructor(
    private readonly database: Database,
    private readonly units: Units,
    private readonly wake: Wake,
  ) {}

  @Get('shops/:shopId/emergency-stop')
  @Permit(...readers)
  readOne(@Param('shopId') shopId: string): Promise<EmergencyStop> {
    return this.read(shopId);
  }

  @Put('shops/:shopId/emergency-stop')
  @Permit('operator', 'approver', 'admin')
  setOne(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<EmergencyStop> {
    return this.set(shopId, given, caller);
  }

  @Get('emergency-stop')
  @Permit(...readers)
  readAll(): Promise<EmergencyStop> {
    return this.read(everyShop);
  }

  @Put('emergency-stop')
  @Permit('operator', 'approver', 'admin')
  setAll(@Body() given: unknown, @CallerIs() caller: Caller): Promise<EmergencyStop> {
    return this.set(everyShop, given, caller);
  }

  /**
   * A service found its database older than the topics: it was restored, and payouts since then may
   * not stand in it. Nothing is sent until a human has compared and lifts the stop; the alert says since
   * when.
   */
  @Put('emergency-stop/restored')
  @PermitService(...serviceNames)
  async stopAfterRestore(
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<EmergencyStop> {
    const { reason } = bodyOf(reasonBody, given);
    const stop = { stopped: true, reason };
    return this.set(everyShop, stop, caller, (unit) => tellOfRestore(unit, reason));
  }

  private async read(shopId: string): Promise<EmergencyStop> {
    return this.shown(shopId, await findStop(this.database, shopId));
  }

  /** Answers when no further send can start: every one that was let in has started by then. */
  private async set(
    shopId: string,
    given: unknown,
    caller: Caller,
    also: (unit: Unit) => Promise<void> = () => Promise.resolve(),
  ): Promise<EmergencyStop> {
    const { stopped, reason } = bodyOf(emergencyStopBody, given);
    await this.units.run(async (unit) => {
      await closeSendGate(unit.tx);
      const before = await findStop(unit.tx, shopId);
      await putStop(unit.tx, { shopId, stopped, reason, by: caller.subject, at: unit.now });
      if (!stopped) await this.goOn(unit, shopId);
      await also(unit);
      await audit(unit.tx, {
        caller,
        action: stopped ? 'payouts.stop' : 'payouts.go-on',
        subject: { type: 'emergency-stop', id: shopId },
        shopId,
        before: { stopped: before.stopped },
        after: { stopped },
        reason,
        at: unit.now,
      });
    });
    this.wake.now();
    return this.read(shopId);
  }

  private async goOn(unit: Unit, shopId: string): Promise<void> {
    await markLifted(unit.tx, shopId, unit.now);
    unit.resolveAlert('payout-brake', { type: 'shop', id: shopId }, shopId);
    if (shopId === everyShop) unit.resolveAlert('database-restored', restoredDatabase, null);
    const stops = await readStops(unit.tx);
    const filter = { reason: 'stop', limit: 100_000, isPatient: true } as const;
    const waiting = await lockWaiting(unit.tx, filter);
    const free = waiting.filter(({ payout }) => !isStopped(stops, payout.shopId));
    await resume(unit, free, 'the emergency stop was lifted');
  }

  private async shown(shopId: string, stop: Stop): Promise<EmergencyStop> {
    const zone = shopId === everyShop ? defaultTimezone : await timezoneOf(this.database, shopId);
    return { ...stop, at: stop.at === null ? null : formatInstant(stop.at, zone) };
  }
}

const restoredDatabase = { type: 'database', id: 'installation' };

/** Says since when Alipay may have paid what these books do not have. */
async function tellOfRestore(unit: Unit, reason: string): Promise<void> {
  const last = await lastMoveAt(unit.tx);
  const since = last === null ? 'the beginning' : formatInstant(last, defaultTimezone);
  const sinceZh = last === null ? '最初' : since;
  unit.alert({
    class: 'database-restored',
    severity: 'critical',
    shopId: null,
    subject: restoredDatabase,
    message: `All payouts are stopped: ${reason}. The last move of a payout in it is of ${since}: match what Alipay has paid since then, then lift the stop.`,
    messageZh: `全部付款已停止: 数据库由备份恢复 (${reason}). 其中最后一次付款流转为 ${sinceZh}: 请核对支付宝此后的全部付款, 再解除停止.`,
  });
}

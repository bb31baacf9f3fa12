import { Inject, Injectable } from '@nestjs/common';
import { askSecondPerson } from '@qingfen/approvals';
import type { MoveBody } from '@qingfen/contracts';
import { audit, invalid, type ManualAct } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import { amountOf, bookAdjustment, type Outcome, type Signatures } from './adjustment.service.js';
import type { AdjustmentRow } from './adjustment.store.js';
import type { ManualAmount, Wanted } from './approval.js';
import { currencyOf } from './currency.store.js';
import { EntryBook } from './entry-book.js';
import type { ManualLimit } from './manual-limit.js';
import { isKnownPayee } from './payee-directory.js';
import { PlanShelf } from './plan-shelf.js';

/** Both ends of a move: what is taken, and the same amount given. */
export type MoveRows = readonly [taken: AdjustmentRow, given: AdjustmentRow];

/**
 * Money that is owed under another kind, or to another payee, from now on (R-OPS-2): two adjustments that
 * add up to nothing, both or neither. Runs never net kinds with each other; this is how a person does.
 */
@Injectable()
export class MoveService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(EntryBook) private readonly book: EntryBook,
  ) {}

  /**
   * Books it, or keeps it for a second person where it is above what one may book alone.
   * @throws ProblemError 422 for an unknown payee, an amount that cannot be, or a move to where it is
   */
  async move(
    unit: Unit,
    call: Omit<ManualAct, 'reason'> & { readonly body: MoveBody; readonly limit: ManualLimit },
  ): Promise<Outcome<MoveRows>> {
    const { shopId, caller, body } = call;
    const [taken, given] = await this.read(unit, shopId, body);
    const words = summaryOf(taken, given);
    const note = {
      caller,
      subject: { type: 'payee', id: body.from.payeeId },
      shopId,
      before: null,
      reason: body.reason,
      at: unit.now,
    };
    if (call.limit.wantsSecond(BigInt(given.amountMinor))) {
      const approval = await askSecondPerson<Wanted>(unit, {
        shopId,
        wanted: { wants: 'move', document: { taken, given } },
        subjectId: body.from.payeeId,
        summary: `${words}. ${body.reason}`,
        maker: caller.subject,
      });
      await audit(unit.tx, { ...note, action: 'move.request', after: { taken, given } });
      return { kind: 'wanted', approval };
    }
    const row = await bookMove(
      this.book,
      unit,
      { taken, given },
      {
        shopId,
        makerId: caller.subject,
        approverId: null,
        correlationId: caller.requestId,
      },
    );
    await audit(unit.tx, { ...note, action: 'move.book', after: { taken, given } });
    return { kind: 'booked', row };
  }

  private async read(
    unit: Unit,
    shopId: string,
    { from, to, amount, reason }: MoveBody,
  ): Promise<readonly [ManualAmount, ManualAmount]> {
    const errors: Parameters<typeof invalid>[0][number][] = [];
    for (const [end, { payeeId }] of [['from', from] as const, ['to', to] as const]) {
      if (await isKnownPayee(unit.tx, shopId, payeeId)) continue;
      const [message, messageZh] = ['is no payee of the shop', '不是本店铺的收款方'];
      errors.push({ pointer: `/${end}/payeeId`, message, messageZh });
    }
    if (from.payeeId === to.payeeId && from.kind === to.kind) {
      const message = 'is where the money is already';
      errors.push({ pointer: '/to', message, messageZh: '与转出方相同' });
    }
    if (errors.length > 0) throw invalid(errors);
    const currency = await currencyOf(unit, this.plans, shopId);
    const amountMinor = amountOf(amount, currency);
    const common = { currency, reason, orderId: null };
    return [
      { ...common, ...from, amountMinor: (-amountMinor).toString() },
      { ...common, ...to, amountMinor: amountMinor.toString() },
    ];
  }
}

/** Books both ends of a move that has been judged. */
export async function bookMove(
  book: EntryBook,
  unit: Unit,
  { taken, given }: { readonly taken: ManualAmount; readonly given: ManualAmount },
  signatures: Signatures,
): Promise<MoveRows> {
  const signed = { ...signatures, cause: 'adjustment' } as const;
  return [
    await bookAdjustment(book, unit, taken, signed),
    await bookAdjustment(book, unit, given, signed),
  ];
}

function summaryOf(taken: ManualAmount, given: ManualAmount): string {
  const amount = formatAmount(minor(BigInt(given.amountMinor)), given.currency);
  return `Move (划转) of ${amount} ${given.currency} from ${taken.kind} of ${taken.payeeId} to ${given.kind} of ${given.payeeId}`;
}

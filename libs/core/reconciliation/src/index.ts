export {
  beijingDay,
  billReadyAt,
  dayEnd,
  dayStart,
  lastReadyDay,
  nextDay,
  nextTryAt,
} from './bill-day.js';
export { classifyLine, isBookedByDay, isOurNumber, lineClasses } from './classify-line.js';
export type { LineClass, LineFacts } from './classify-line.js';
export { compareExport } from './compare-export.js';
export type { DecidingExport, ExportedOrder, OrderFigures } from './compare-export.js';
export { compareLine } from './compare-line.js';
export type { StrayLine } from './compare-line.js';
export { compareLogged } from './compare-logged.js';
export type { KnownPayout, LoggedLine } from './compare-logged.js';
export { compareOrder } from './compare-order.js';
export type { BookedOrder, ToldOrder } from './compare-order.js';
export { comparePayout, nothingMoved } from './compare-payout.js';
export type { Horizon, Moved, NumberFacts, PayoutFact, PayoutStatus } from './compare-payout.js';
export { compareStatement } from './compare-statement.js';
export type { StatementFacts } from './compare-statement.js';
export { clearingOf, compareTrade, nothingBilled } from './compare-trade.js';
export type { BilledTrade, ToldTrade, TradeFacts } from './compare-trade.js';
export { figuresOfDay, insistOnTotals, localDaySpan, movements } from './daily-report.js';
export type { Figures, KindFigures, Movement, MovementSum, Sum } from './daily-report.js';
export {
  accountOf,
  differenceClasses,
  differenceStates,
  findingKey,
  mayMove,
  mergeFindings,
} from './difference.js';
export type {
  ClosingState,
  Comparison,
  DifferenceClass,
  DifferenceState,
  Finding,
  Merged,
  Standing,
} from './difference.js';
export { ageInDays, severityOf, suggestionFor } from './suggestion.js';
export type { Suggestion } from './suggestion.js';

import { z } from 'zod';
import { amount, currency, id, instant, kind, signedAmount } from '../fields.js';
import { dailyReport } from '../http/daily-report.js';
import { deadLetter } from '../http/dead-letters.js';
import { taxSum } from '../http/tax-sums.js';
import {
  ledgerArchivePage,
  ledgerBlock,
  ledgerConsistency,
  ledgerProof,
} from '../http/ledger-proofs.js';
import {
  explainedEntry,
  explainedHold,
  explainedLine,
  explainedOrder,
  explainedReward,
  explainedRow,
  explainedWithholding,
  explanationDifference,
  statementExplained,
} from '../http/explanations.js';
import { emergencyStop, risk, rollout, rolloutOfKind } from '../http/controls.js';
import {
  adjustment,
  approval,
  approvalWanted,
  balance,
  forecast,
  payout,
  payoutState,
  recovery,
  move,
  statement,
} from '../http/money.js';
import { run, runHold, trialStatement } from '../http/runs.js';
import { entry, entryExplanation, order } from '../http/orders.js';
import { holdKind, payee, reasonBody } from '../http/payees.js';
import { problemDocument, problemError } from '../http/problem.js';
import {
  alert,
  difference,
  ledgerVerification,
  orderClearing,
  reconciliation,
  trialBalance,
} from '../http/proofs.js';
import { alipayCredentials, planTemplate, planVersion, shop, simulation } from '../http/shops.js';
import { clockMoved, clockState, systemStatus } from '../http/system.js';
import { roleGrant, tokens, user } from '../http/users.js';
import type { Call } from './calls.js';
import { dialectTarget, describeMeta, type JsonDocument } from './json-schema.js';

// What is named here is written once and referred to; all else is named after its call.
const named: Readonly<Record<string, z.ZodType>> = {
  Id: id,
  Amount: amount,
  SignedAmount: signedAmount,
  Currency: currency,
  Instant: instant,
  Kind: kind,
  HoldKind: holdKind,
  Problem: problemDocument,
  ProblemError: problemError,
  ReasonBody: reasonBody,
  RoleGrant: roleGrant,
  Tokens: tokens,
  User: user,
  AlipayCredentials: alipayCredentials,
  Shop: shop,
  PlanTemplate: planTemplate,
  PlanVersion: planVersion,
  Simulation: simulation,
  Payee: payee,
  EntryExplanation: entryExplanation,
  Entry: entry,
  Order: order,
  ExplanationDifference: explanationDifference,
  ExplainedRow: explainedRow,
  ExplainedEntry: explainedEntry,
  ExplainedHold: explainedHold,
  ExplainedOrder: explainedOrder,
  ExplainedLine: explainedLine,
  ExplainedReward: explainedReward,
  ExplainedWithholding: explainedWithholding,
  StatementExplained: statementExplained,
  Statement: statement,
  TrialStatement: trialStatement,
  Run: run,
  RunHold: runHold,
  PayoutState: payoutState,
  Payout: payout,
  Balance: balance,
  Forecast: forecast,
  Adjustment: adjustment,
  Move: move,
  Recovery: recovery,
  ApprovalWanted: approvalWanted,
  Approval: approval,
  EmergencyStop: emergencyStop,
  Risk: risk,
  RolloutOfKind: rolloutOfKind,
  Rollout: rollout,
  Difference: difference,
  Reconciliation: reconciliation,
  OrderClearing: orderClearing,
  TrialBalance: trialBalance,
  LedgerVerification: ledgerVerification,
  TaxSum: taxSum,
  DailyReport: dailyReport,
  LedgerBlock: ledgerBlock,
  LedgerProof: ledgerProof,
  LedgerConsistency: ledgerConsistency,
  LedgerArchivePage: ledgerArchivePage,
  Alert: alert,
  DeadLetter: deadLetter,
  SystemStatus: systemStatus,
  ClockState: clockState,
  ClockMoved: clockMoved,
};

/** The schemas of a set of calls, each once, and how to refer to one. */
export interface Components {
  readonly schemas: JsonDocument;
  readonly refTo: (schema: z.ZodType) => JsonDocument;
}

/** Names every body and answer of some calls and writes their JSON Schemas. */
export function componentsOf(calls: readonly Call[]): Components {
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(named)) registry.add(schema, { id: name });
  for (const call of calls) {
    const name = call.id.charAt(0).toUpperCase() + call.id.slice(1);
    if (call.body !== undefined && !registry.has(call.body)) {
      registry.add(call.body, { id: `${name}Body` });
    }
    for (const [status, answer] of Object.entries(call.answers)) {
      if (typeof answer === 'string' || registry.has(answer)) continue;
      registry.add(answer, { id: `${name}${status}` });
    }
  }
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    unrepresentable: 'any',
    target: dialectTarget,
    uri: addressOf,
    override: describeMeta,
  });
  return {
    schemas: Object.fromEntries(Object.entries(schemas).map(withoutAddress)),
    refTo: (schema) => ({ $ref: addressOf(registry.get(schema)?.id ?? '') }),
  };
}

function addressOf(name: string): string {
  return `#/components/schemas/${name}`;
}

function withoutAddress([name, schema]: [string, JsonDocument]): [string, JsonDocument] {
  const { $schema: _dialect, $id: _address, id: _name, ...rest } = schema;
  return [name, rest];
}

/**
 * Every place at which a process can be made to die, behind the step K1–K20 of the pipeline that it names;
 * the place behind one step is the one before the next.
 */
export const failpointNames = [
  'batch-fetched', // K1
  'batch-judged', // K2
  'transaction-begun', // K3
  'inbox-taken', // K4
  'facts-booked', // K5
  'outbox-written', // K6
  'commit-sent', // K7: the answer is not read
  'committed',
  'offset-told', // K8
  'rows-claimed', // K9
  'batch-produced', // K10: before the rows are gone
  'rows-deleted', // K11
  'chunk-stated', // K12: before its commit
  'chunk-committed',
  'intents-recorded', // K13: before their commit
  'intents-committed',
  'request-sent', // K14: the answer is not there
  'answer-read', // K15: nobody has written it
  'outcome-committed', // K16
  'callback-proven', // K17
  'callback-stored', // K18: Alipay is not answered
  'bill-kept', // K19: nobody has noted that it is there
  'differences-noted', // K19: the ledger does not know of them
  'day-booked', // K19: the day is not done
  'day-finished', // K19
  'export-rows-copied', // K19: an upload's, before its commit
  'export-kept', // K19: who uploaded it is not answered
  'export-taken', // K19: nobody has compared it
  'export-noted', // K19: what differs and that it is done, before their commit
  'export-finished', // K19
  'block-sealed', // K20: before its commit
  'head-committed', // K20: its file is not written
] as const;

/** A place at which a process can be made to die. */
export type Failpoint = (typeof failpointNames)[number];

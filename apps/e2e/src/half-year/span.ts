/** A part of the file to live through. */
export interface Span {
  readonly name: 'month' | 'half-year';
  /** The day whose midnight the clock begins at. */
  readonly firstDay: string;
  /** The last day with messages. */
  readonly lastDay: string;
  /** The instant at which everything has matured and is paid. */
  readonly end: string;
  /** A Monday with full runs, from which on bad things happen. */
  readonly troubleMonday: string;
}

/** December 2010; its last lines are paid in the runs of January 10. */
export const month: Span = {
  name: 'month',
  firstDay: '2010-12-01',
  lastDay: '2010-12-31',
  end: '2011-01-10T06:00:00+08:00',
  troubleMonday: '2010-12-20',
};

/** Everything; six weeks more, and the rewards of June. */
export const halfYear: Span = {
  name: 'half-year',
  firstDay: '2010-12-01',
  lastDay: '2011-05-31',
  end: '2011-07-12T00:00:00+08:00',
  troubleMonday: '2011-03-07',
};

/** One row of a CSV, by the names of its columns. */
export interface CsvRow {
  readonly line: number;
  readonly lastLine: number;
  /** A column's text without blanks around it; empty where the file has no such column. */
  cell(column: string): string;
}

/** What the rows of one thing say, in the wire's form but not judged yet. */
export interface RowsEvent {
  readonly key: string;
  /** The event's `time`. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A CSV of one kind. A thing is one order, refund or payee: one or more rows. */
export interface CsvShape {
  readonly topic: 'order-completed' | 'order-refunded' | 'payee-upserted';
  /** What a thing is called in sentences. */
  readonly thing: string;
  /** Columns that tell which thing a row belongs to, besides `shopId`. */
  readonly keys: readonly string[];
  /** Columns that all rows of a thing say alike. */
  readonly common: readonly string[];
  /** Columns of one row alone. */
  readonly own: readonly string[];
  /** Those of all these that the header and each row must have. */
  readonly required: readonly string[];
  /** Whether a thing may have several rows. */
  readonly hasLines: boolean;
  event(rows: readonly [CsvRow, ...CsvRow[]], distributors: readonly string[]): RowsEvent;
  /** The column that a field of the data came from. */
  columnOf(path: readonly string[]): string;
}

/** Only the fields that say something: an empty cell is an absent field. */
function present(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ''));
}

/** Some columns of a row, each as the field of its name. */
function fieldsOf(row: CsvRow, columns: readonly string[]): Record<string, string> {
  return present(Object.fromEntries(columns.map((column) => [column, row.cell(column)])));
}

function listOf(cell: string): string[] {
  return cell === '' ? [] : cell.split(';').map((text) => text.trim());
}

const orderKeys = ['shopId', 'orderId'];
const orderDetails = [
  ...['currency', 'paidAt', 'completedAt', 'alipayTradeNo', 'buyerPayeeId', 'teamId'],
];
const orderLine = ['itemId', 'supplierId', 'amount', 'subsidy', 'kind'];

/** Completed orders, one row for each line of an order. */
export const orderShape: CsvShape = {
  topic: 'order-completed',
  thing: 'order',
  keys: ['orderId'],
  common: orderDetails,
  own: orderLine,
  required: [...['orderId', 'currency', 'paidAt', 'completedAt', 'itemId', 'supplierId', 'amount']],
  hasLines: true,
  event: (rows, distributors) => {
    const [first] = rows;
    const { teamId, ...details } = fieldsOf(first, [...orderKeys, ...orderDetails]);
    const data = {
      ...details,
      items: rows.map((row) => fieldsOf(row, orderLine)),
      // An empty cell is a level without distributor: the levels behind it keep their numbers.
      distributors: distributors.map((column) => first.cell(column) || null),
      ...(teamId === undefined ? {} : { teamId }),
    };
    return { key: first.cell('orderId'), time: first.cell('completedAt'), data };
  },
  columnOf: ([field = '', index = '', inner]) => {
    if (field === 'items') return inner ?? 'itemId';
    if (field === 'distributors' && index !== '') return `distributor${Number(index) + 1}`;
    return field;
  },
};

const refundLine = ['itemId', 'amount', 'subsidy'];

/** Refunds, one row for each line of the order that money is given back for. */
export const refundShape: CsvShape = {
  topic: 'order-refunded',
  thing: 'refund',
  keys: ['orderId', 'refundId'],
  common: ['refundedAt'],
  own: refundLine,
  required: ['orderId', 'refundId', 'refundedAt', 'itemId', 'amount'],
  hasLines: true,
  event: (rows) => {
    const [first] = rows;
    const head = fieldsOf(first, [...orderKeys, 'refundId', 'refundedAt']);
    const data = { ...head, items: rows.map((row) => fieldsOf(row, refundLine)) };
    return { key: first.cell('orderId'), time: first.cell('refundedAt'), data };
  },
  columnOf: ([field = '', , inner]) => (field === 'items' ? (inner ?? 'itemId') : field),
};

const accountColumns: Readonly<Record<string, string>> = {
  identityType: 'identityType',
  identity: 'identity',
  accountName: 'name',
  accountType: 'accountType',
};

/** Payees, one row each. */
export const payeeShape: CsvShape = {
  topic: 'payee-upserted',
  thing: 'payee',
  keys: ['payeeId', 'time'],
  common: [],
  own: ['name', 'roles', ...Object.keys(accountColumns), 'teamId', 'tasks', 'level'],
  required: ['payeeId', 'name', 'roles'],
  hasLines: false,
  event: ([row]) => {
    const account = Object.entries(accountColumns).map(([column, field]) => {
      return [field, row.cell(column)];
    });
    const alipay = present(Object.fromEntries(account));
    const { teamId, level } = fieldsOf(row, ['teamId', 'level']);
    const tasks = listOf(row.cell('tasks'));
    const data = {
      ...fieldsOf(row, ['shopId', 'payeeId', 'name']),
      roles: listOf(row.cell('roles')),
      ...(Object.keys(alipay).length === 0 ? {} : { alipay }),
      ...(teamId === undefined ? {} : { teamId }),
      ...(tasks.length === 0 ? {} : { tasks }),
      ...(level === undefined ? {} : { level }),
    };
    return { key: row.cell('payeeId'), time: row.cell('time'), data };
  },
  columnOf: ([field = '', inner]) => {
    if (field !== 'alipay') return field;
    return inner === 'name' ? 'accountName' : (inner ?? 'identity');
  },
};

import { apiCalls } from '@qingfen/contracts';

/** A call of the API as the access log names it: no body, no answer, nothing that a person is called. */
export interface AccessCall {
  /** Its id in the contract; `unknown` for an address that is none. */
  readonly call: string;
  /** Null: the call names no shop. */
  readonly shopId: string | null;
  /** The ids that the address and its filters name, in their order. */
  readonly subject: string;
}

/** What says nothing of anybody: how the system is, what time it is, which templates there are. */
const untold: ReadonlySet<string> = new Set(['readStatus', 'readClock', 'listPlanTemplates']);

/** Filters whose values are ids, days or words of the contract. */
const filters = ['payeeId', 'kind', 'state', 'period', 'topic', 'from', 'to', 'at'];

const idShape = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,99}$/;

/** Calls that the gateway adds to those of the contract. */
const added = [
  { method: 'get', path: '/alerts', id: 'listAlerts' },
  { method: 'post', path: '/alerts/{alertId}/acknowledge', id: 'acknowledgeAlert' },
];

const shapes = [...apiCalls, ...added].map(({ method, path, id }) => {
  const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
  const literal = path.replaceAll(/\{\w+\}/g, '');
  const pattern = path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '([^/]+)');
  // Express takes an address in any case, and with a slash behind it: so nobody is missed who writes so.
  return { method, id, names, literal, pattern: new RegExp(`^${pattern}/?$`, 'i') };
});
// Of two that fit, the one with more of its own words is meant: `…/{day}.csv` before `…/{day}`.
shapes.sort((a, b) => a.names.length - b.names.length || b.literal.length - a.literal.length);

/**
 * What a request below `/api/v1` is to be logged as; null for what nobody has to account for. A value that
 * is no id is left out: a caller may have typed anything.
 */
export function accessCall(
  method: string,
  path: string,
  query: Readonly<Record<string, unknown>>,
): AccessCall | null {
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase();
  const found = shapes.find((shape) => shape.method === asked && shape.pattern.test(path));
  if (found === undefined) return { call: 'unknown', shopId: null, subject: '' };
  if (untold.has(found.id)) return null;
  const values = (found.pattern.exec(path) ?? []).slice(1).map(decoded);
  const params = found.names.map((name, place) => [name, values[place] ?? ''] as const);
  const given = filters.flatMap((name) => {
    const value = query[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const shopId = params.find(([name]) => name === 'shopId')?.[1] ?? null;
  const told = [
    ...params.flatMap(([name, value]) => (name === 'shopId' ? [] : [named(value)])),
    ...given.map(([name, value]) => `${name}=${named(value)}`),
  ];
  return {
    call: found.id,
    shopId: shopId === null || idShape.test(shopId) ? shopId : null,
    subject: told.join(' ').slice(0, 300),
  };
}

function named(value: string): string {
  return idShape.test(value) ? value : '?';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // a malformed escape is the address of nothing
  }
}

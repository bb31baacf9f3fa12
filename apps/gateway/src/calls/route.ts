import type { Call } from '@qingfen/contracts';
import type { Role, ServiceName } from '@qingfen/security';

/** A call of the contract, the one service that answers it, and who may make it. */
export interface Route {
  readonly call: Call;
  readonly service: ServiceName;
  /** One of these on the path's shop, or on all; on all where the path names no shop. */
  readonly roles: readonly Role[];
  readonly timeoutMs?: number;
  /** Its service would answer for a shop that nobody has created, so that is asked first. */
  readonly isOfKnownShops?: boolean;
}

/** A route and what stands in the place of its parameters. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const idShape = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;
const ownIdShape = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/;

/** What a path's parameters may be; anything else is nowhere. */
const paramShapes: ReadonlyMap<string, RegExp> = new Map([
  ['shopId', idShape],
  ['payeeId', idShape],
  ['orderId', idShape],
  ['version', /^[1-9][0-9]{0,8}$/],
  ['entryId', ownIdShape],
  ['statementId', ownIdShape],
  ['payoutId', ownIdShape],
  ['recoveryId', ownIdShape],
  ['approvalId', ownIdShape],
  ['alertId', ownIdShape],
  ['type', /^(entries|postings|statements)$/],
  ['id', ownIdShape],
  ['differenceId', ownIdShape],
  ['day', /^\d{4}-\d{2}-\d{2}$/],
  ['kind', /^(commission|supplier|team-reward)$/],
]);

interface Step {
  readonly text: string;
  readonly isParam: boolean;
}

/** Finds routes by method and path; literal steps win over parameters. */
export class RouteTable {
  private readonly entries: readonly { readonly steps: readonly Step[]; readonly route: Route }[];

  /** @throws Error on two routes for the same calls, or a parameter of no known shape. */
  constructor(routes: readonly Route[]) {
    const seen = new Set<string>();
    this.entries = routes.map((route) => {
      const { method, path } = route.call;
      const steps = stepsOf(path);
      const shape = `${method} ${steps.map((s) => (s.isParam ? '{}' : s.text)).join('/')}`;
      if (seen.has(shape)) throw new Error(`two routes for ${method} ${path}`);
      seen.add(shape);
      const odd = steps.find((s) => s.isParam && !paramShapes.has(s.text));
      if (odd !== undefined) throw new Error(`parameter ${odd.text} of ${path} has no shape`);
      return { steps, route };
    });
  }

  /** The route of a call, null when there is none; `path` below `/api/v1`, still encoded. */
  find(method: string, path: string): Match | null {
    const found = this.matches(path).filter(({ route }) => {
      return route.call.method === method.toLowerCase();
    });
    found.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
    return found[0] ?? null;
  }

  private matches(path: string): Match[] {
    const given = decodedSteps(path);
    if (given === null) return [];
    return this.entries.flatMap(({ steps, route }) => {
      const params = paramsOf(steps, given);
      return params === null ? [] : [{ route, params }];
    });
  }
}

/** The service's own address of a call, parameters encoded; `query` with its question mark. */
export function internalPath({ route, params }: Match, query: string): string {
  const steps = stepsOf(route.call.path).map(({ text, isParam }) => {
    return isParam ? encodeURIComponent(params[text] ?? '') : text;
  });
  return `/internal/${steps.join('/')}${query}`;
}

function paramsOf(steps: readonly Step[], given: readonly string[]): Record<string, string> | null {
  if (steps.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, { text, isParam }] of steps.entries()) {
    const value = given[at] ?? '';
    if (!isParam && text !== value) return null;
    if (!isParam) continue;
    if (paramShapes.get(text)?.test(value) !== true) return null;
    params[text] = value;
  }
  return params;
}

function decodedSteps(path: string): string[] | null {
  try {
    return path
      .replace(/^\//, '')
      .split('/')
      .map((step) => decodeURIComponent(step));
  } catch {
    return null; // a malformed escape is the address of nothing
  }
}

function stepsOf(path: string): Step[] {
  return path
    .replace(/^\//, '')
    .split('/')
    .map((step) => {
      const isParam = step.startsWith('{');
      return { text: isParam ? step.slice(1, -1) : step, isParam };
    });
}

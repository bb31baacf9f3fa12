import { problem, type Call } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';

/** Calls of the contract whose feature is not there yet; they refuse clearly. */
export class UnservedCalls {
  private readonly entries: readonly { readonly call: Call; readonly path: RegExp }[];

  constructor(calls: readonly Call[]) {
    // The longer first: `{day}.csv` is an address of `{day}` as well.
    const inOrder = [...calls].sort((a, b) => b.path.length - a.path.length);
    this.entries = inOrder.map((call) => ({ call, path: patternOf(call.path) }));
  }

  /** The call at this address, null when it is none of them; `path` below `/api/v1`. */
  find(
    method: string,
    path: string,
  ): { readonly call: Call; readonly shopId: string | null } | null {
    for (const { call, path: pattern } of this.entries) {
      if (call.method !== method.toLowerCase()) continue;
      const match = pattern.exec(path);
      if (match !== null) return { call, shopId: match.groups?.['shopId'] ?? null };
    }
    return null;
  }
}

function patternOf(path: string): RegExp {
  const pattern = path
    .replaceAll('.', '\\.')
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>[^/]+)`);
  return new RegExp(`^${pattern}/?$`);
}

/** 501, naming what the caller wanted. */
export function notServed({ method, path, summary }: Call): ProblemError {
  const detail = `This version does not have ${method.toUpperCase()} ${path} yet (${summary}).`;
  return new ProblemError(problem('not-implemented', 501, 'Not in this version', detail));
}

/** Whether this service can take work; every part of it must agree. */
export class Readiness {
  readonly startedAt = new Date(performance.timeOrigin + performance.now());
  private readonly checks = new Map<string, () => boolean | Promise<boolean>>();

  require(part: string, check: () => boolean | Promise<boolean>): void {
    this.checks.set(part, check);
  }

  /** The parts that are not ready, by name; empty when the service is. One may be left out. */
  async missing({ besides }: { readonly besides?: string } = {}): Promise<string[]> {
    const checks = [...this.checks].filter(([part]) => part !== besides);
    const asked = await Promise.all(
      checks.map(async ([part, check]) => ({ part, ready: await settled(check) })),
    );
    return asked.filter(({ ready }) => !ready).map(({ part }) => part);
  }
}

async function settled(check: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false; // a check that cannot be made counts as not ready; its part logs the reason
  }
}

/** What a dead process holds is free after this; who lives says so every few seconds. */
export const leaseSeconds = 10;
const renewMs = 2_500;

/** Works under a lease, which is renewed until the work has ended. `renew` does not throw. */
export async function underLease<T>(
  renew: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  const renewing = setInterval(() => void renew(), renewMs);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
  }
}

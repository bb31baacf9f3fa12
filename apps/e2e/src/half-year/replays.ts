import type { RunningSystem } from './running-system.js';
import type { ReferenceWorld } from './world.js';

/** The system's own replay of its books: every order of the world is in it, and nothing differs. */
export async function compareReplays(
  system: RunningSystem,
  world: ReferenceWorld,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const shopId of world.shopIds) {
    const pages = await system.gateway.replay(shopId);
    const found = pages.flatMap((page) => page.differences);
    differences.push(...found.map(({ message }) => `${shopId} replayed: ${message}`));
    const orders = pages.reduce((sum, { checked }) => sum + checked.orders, 0);
    const { size } = world.shop(shopId).state.orders;
    if (orders !== size) differences.push(`${shopId}: ${orders} orders replayed, not ${size}`);
  }
  return differences;
}

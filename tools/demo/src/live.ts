import { dayOf, endMs, midnightOf, shanghai, weeks } from './calendar.js';
import { messageOf } from './news.js';
import type { Scene } from './script.js';
import { perform, type World } from './world.js';

/** What a week brought. */
export interface Week {
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly scenes: readonly Scene[];
}

/**
 * Lives through all weeks: on every evening of the script the clock arrives, past all runs until
 * then, what happens happens, and the news is told. A week is over when its Sunday's news is told;
 * the last one on the morning after.
 */
export async function live(
  world: World,
  scenes: readonly Scene[],
  onWeek: (week: Week) => Promise<void>,
): Promise<void> {
  for (let week = 0; week < weeks; week += 1) {
    const ofWeek = scenes.filter((scene) => scene.week === week);
    for (const scene of ofWeek) {
      await world.login();
      await world.gateway.moveClock(shanghai(scene.atMs));
      for (const act of scene.acts) await perform(world, act, scene.atMs);
      await world.upstream.publish(scene.news.map(messageOf));
    }
    if (week === weeks - 1) await world.gateway.moveClock(shanghai(endMs));
    await onWeek({
      number: week + 1,
      from: dayOf(midnightOf(week * 7)),
      to: dayOf(midnightOf(week * 7 + 6)),
      scenes: ofWeek,
    });
  }
}

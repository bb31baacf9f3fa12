import { orderMessage } from '@qingfen/testing';
import { dayOf, endMs, midnightOf, shanghai, span, weeks } from './calendar.js';
import { evening, mishap } from './mishap.js';
import type { Telling } from './orders.js';
import { freeze, mend, type World } from './world.js';

/** What a week brought. */
export interface Week {
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly orders: number;
}

/**
 * Lives through all weeks: every evening the day's orders are told, and the clock goes to the next
 * evening, past that night's runs. What else happens on an evening has its place here too.
 */
export async function live(
  world: World,
  tellings: readonly Telling[],
  onWeek: (week: Week) => Promise<void>,
): Promise<void> {
  for (let number = 1; number <= weeks; number += 1) {
    await world.login();
    const first = (number - 1) * 7;
    let orders = 0;
    for (let day = first; day < first + 7; day += 1) {
      await world.gateway.moveClock(shanghai(midnightOf(day) + evening));
      orders += await liveEvening(world, tellings, day);
    }
    // The week's last runs are those of the Monday after it.
    const endsMs = number === weeks ? endMs : midnightOf(first + 7) + 6 * span.hour;
    await world.gateway.moveClock(shanghai(endsMs));
    await onWeek({
      number,
      from: dayOf(midnightOf(first)),
      to: dayOf(midnightOf(first + 6)),
      orders,
    });
  }
}

/** @returns how many orders were told. */
async function liveEvening(
  world: World,
  tellings: readonly Telling[],
  day: number,
): Promise<number> {
  const told = tellings.filter((telling) => telling.day === day);
  await world.upstream.publish(told.map(({ order }) => orderMessage(order)));
  if (day === mishap.frozenOnDay) await freeze(world, mishap);
  if (day === mishap.mendedOnDay) await mend(world, midnightOf(day) + evening);
  return told.length;
}

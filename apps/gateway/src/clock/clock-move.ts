/**
 * Where a move of the virtual clock stands.
 *
 * - `waiting`: the instant that was left is still being finished
 * - `taking`: everybody is told the instant, nobody begins what is due at it
 * - `beginning`: everybody has it and is told to begin
 * - `settling`: what is due at it is being done
 */
export type Step = 'waiting' | 'taking' | 'beginning' | 'settling';

/** A move under way: `now` ≤ `target`. */
export interface Move {
  readonly now: Date;
  readonly target: Date;
  readonly step: Step;
}

/** What a step's end brings. */
export type Advance =
  | { readonly kind: 'goes-on'; readonly move: Move }
  | { readonly kind: 'arrived'; readonly now: Date };

/**
 * The next step. `dues` are the instants, after now, at which anything is scheduled, as known when
 * the system rested; they matter after `waiting` and `settling` alone.
 *
 * A move to the present instant passes through all steps too: what became due at it is begun again.
 */
export function advance(move: Move, dues: readonly Date[]): Advance {
  switch (move.step) {
    case 'taking':
      return { kind: 'goes-on', move: { ...move, step: 'beginning' } };
    case 'beginning':
      return { kind: 'goes-on', move: { ...move, step: 'settling' } };
    case 'settling':
      if (move.now.getTime() >= move.target.getTime()) return { kind: 'arrived', now: move.now };
      return { kind: 'goes-on', move: nextStop(move, dues) };
    case 'waiting':
      return { kind: 'goes-on', move: nextStop(move, dues) };
    default: {
      const never: never = move.step;
      return never;
    }
  }
}

/** The step at which whoever takes over a move begins: all orders may be given twice. */
export function takenOver(move: Move): Move {
  return move.step === 'beginning' || move.step === 'settling' ? { ...move, step: 'taking' } : move;
}

function nextStop(move: Move, dues: readonly Date[]): Move {
  const nowMs = move.now.getTime();
  const ahead = dues.map((due) => due.getTime()).filter((due) => due > nowMs);
  const now = new Date(Math.min(move.target.getTime(), ...ahead));
  return { now, target: move.target, step: 'taking' };
}

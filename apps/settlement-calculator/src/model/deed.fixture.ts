import type { Player } from './player.fixture.js';
import type { Wish, WishOf } from './wishes.fixture.js';
import type { Cut } from './workshop.fixture.js';
import type { World } from './world.fixture.js';

/** What a wish comes to, done to both; null where there is nothing to be done. */
export type Deed = ((player: Player, cut: Cut | null) => Promise<void>) | null;

export type Makers = { readonly [K in Wish['what']]: (wish: WishOf<K>, world: World) => Deed };

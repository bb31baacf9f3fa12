import { randomBytes } from 'node:crypto';

/** Every process of a run shares its templates of databases, and no other run's. */
export default function setup() {
  process.env.TEST_RUN = randomBytes(4).toString('hex');
}

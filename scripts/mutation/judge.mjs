// Compares the mutants that nobody noticed with the ones that are listed and explained.

const noticed = new Set(['Killed', 'Timeout']);
const unnoticed = new Set(['Survived', 'NoCoverage']);

const keyOf = ({ file, before, after }) => JSON.stringify([file, before, after]);

/** Counts of one lib, its survivors with their reasons, and what is wrong with the list. */
export function judge(mutants, listed) {
  const survivors = mutants.filter(({ status }) => unnoticed.has(status));
  const left = [...listed];
  const explained = [];
  const unlisted = [];
  for (const mutant of survivors) {
    const at = left.findIndex((entry) => keyOf(entry) === keyOf(mutant));
    if (at === -1) unlisted.push(mutant);
    else explained.push({ ...mutant, reason: left.splice(at, 1)[0].reason });
  }
  return { counts: countsOf(mutants), explained, unlisted, dead: left };
}

function countsOf(mutants) {
  const count = (test) => mutants.filter(({ status }) => test(status)).length;
  const killed = count((status) => status === 'Killed');
  const timeout = count((status) => status === 'Timeout');
  const survived = count((status) => unnoticed.has(status));
  const ignored = count((status) => status === 'Ignored');
  const broken = count((status) => /Error$/.test(status));
  const valid = killed + timeout + survived;
  const score = valid === 0 ? 0 : (100 * count((status) => noticed.has(status))) / valid;
  return { mutants: valid, killed, timeout, survived, ignored, broken, score };
}

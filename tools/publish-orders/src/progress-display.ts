/** Where progress is shown. */
export interface Display {
  readonly isTty: boolean;
  /** Characters of a line. */
  readonly columns: number;
  write(text: string): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

const barEveryMs = 100;
const lineEveryMs = 5_000;

/**
 * Shows how far a publication is: a bar that is drawn over itself on a terminal, else a plain line
 * every five seconds.
 */
export class ProgressDisplay {
  readonly #display: Display;
  #lastAt: number;
  #first: { readonly at: number; readonly published: number } | null = null;
  #isDrawn = false;

  constructor(display: Display) {
    this.#display = display;
    this.#lastAt = display.isTty ? -Infinity : display.now();
  }

  /** Tells how many of how many messages are acknowledged. */
  show(published: number, total: number): void {
    const { isTty } = this.#display;
    const now = this.#display.now();
    // What was sent by then, by an earlier run too, and the time before it say nothing of the rate.
    this.#first ??= { at: now, published };
    const isDue = now - this.#lastAt >= (isTty ? barEveryMs : lineEveryMs);
    if (!isDue && !(isTty && published >= total)) return;
    this.#lastAt = now;
    const seconds = (now - this.#first.at) / 1000;
    const perSecond = seconds > 0 ? (published - this.#first.published) / seconds : 0;
    if (!isTty) {
      this.#display.write(`${count(published)} of ${count(total)} messages published\n`);
      return;
    }
    this.#isDrawn = true;
    this.#display.write(`\r\u001b[2K${this.#bar(published, total, perSecond)}`);
  }

  /** Ends the bar's line, so that what is said next begins one of its own. */
  end(): void {
    if (this.#isDrawn) this.#display.write('\n');
    this.#isDrawn = false;
  }

  #bar(published: number, total: number, perSecond: number): string {
    const share = total === 0 ? 1 : Math.min(1, published / total);
    const left = perSecond > 0 ? Math.ceil((total - published) / perSecond) : null;
    const percent = `${Math.floor(share * 100)}`.padStart(3);
    const rate = `${count(Math.round(perSecond))}/s`;
    const rest = left === null || left <= 0 ? '' : `, ${left} s left`;
    const words = ` ${percent} %  ${count(published)}/${count(total)}  ${rate}${rest}`;
    const width = Math.min(40, this.#display.columns - words.length - 3);
    if (width < 5) return words.trim().slice(0, Math.max(0, this.#display.columns - 1));
    const full = Math.floor(share * width);
    return `[${'#'.repeat(full)}${'-'.repeat(width - full)}]${words}`;
  }
}

function count(number: number): string {
  return number.toLocaleString('en');
}

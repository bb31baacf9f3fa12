/** One record of a CSV file. */
export interface CsvRecord {
  /** The line it begins on, from 1. */
  readonly line: number;
  /** The line it ends on: a later one where a quoted cell holds line breaks. */
  readonly lastLine: number;
  readonly cells: readonly string[];
}

/** Text that RFC 4180 does not allow. What follows it could be read in more than one way. */
export class CsvSyntaxError extends Error {
  override readonly name = 'CsvSyntaxError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const recordCharsMax = 1_000_000;

/**
 * A strict reader of RFC 4180, fed piece by piece: cells between commas, records between line ends
 * (CRLF, or LF alone), quotes only around whole cells and doubled inside. Nothing is guessed: a
 * quote inside an unquoted cell, text behind a closing quote, a lone CR and a quote that is never
 * closed are errors.
 */
export class CsvScanner {
  readonly #plainRun = /[^",\r\n]*/y;
  #state: 'start' | 'plain' | 'quoted' | 'closing' | 'return' = 'start';
  #line = 1;
  #recordLine = 1;
  #quoteLine = 1;
  #cell = '';
  #cells: string[] = [];
  #chars = 0;

  /**
   * The records that end within this piece.
   *
   * @throws CsvSyntaxError
   */
  push(piece: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = 0;
    while (at < piece.length) {
      if (this.#state === 'plain') at = this.#plain(piece, at);
      else if (this.#state === 'quoted') at = this.#quoted(piece, at);
      else if (this.#state === 'start' && piece[at] !== '"') this.#state = 'plain';
      else {
        const record = this.#mark(piece[at] ?? '');
        if (record !== null) records.push(record);
        at += 1;
      }
    }
    return records;
  }

  /**
   * The last record, where the file does not end with a line end.
   *
   * @throws CsvSyntaxError when the file ends within quotes or with a lone CR.
   */
  end(): CsvRecord[] {
    if (this.#state === 'quoted') {
      throw new CsvSyntaxError(this.#quoteLine, 'has a quote that is never closed');
    }
    if (this.#state === 'return') throw this.#loneReturn();
    const isNothing = this.#state === 'start' && this.#cells.length === 0;
    return isNothing ? [] : [this.#endRecord()];
  }

  /** Reads on to the next mark; what the mark means, `#mark` says. */
  #plain(piece: string, at: number): number {
    this.#plainRun.lastIndex = at;
    const [run = ''] = this.#plainRun.exec(piece) ?? [];
    this.#add(run);
    const end = at + run.length;
    if (end < piece.length) {
      if (piece[end] === '"') {
        throw new CsvSyntaxError(this.#line, 'has a quote inside of a cell that is not quoted');
      }
      this.#state = 'closing';
    }
    return end;
  }

  #quoted(piece: string, at: number): number {
    const quote = piece.indexOf('"', at);
    const end = quote < 0 ? piece.length : quote;
    const run = piece.slice(at, end);
    this.#add(run);
    for (let next = run.indexOf('\n'); next >= 0; next = run.indexOf('\n', next + 1)) {
      this.#line += 1;
    }
    if (quote < 0) return end;
    this.#state = 'closing';
    return end + 1;
  }

  /** One character that stands at the beginning of a cell, behind its end, or behind a CR. */
  #mark(mark: string): CsvRecord | null {
    if (this.#state === 'return') {
      if (mark !== '\n') throw this.#loneReturn();
      return this.#endRecord();
    }
    if (mark === '"') {
      if (this.#state === 'closing') this.#add('"');
      else this.#quoteLine = this.#line;
      this.#state = 'quoted';
      return null;
    }
    if (mark === '\n') return this.#endRecord();
    if (mark === ',') this.#endCell();
    else if (mark === '\r') this.#state = 'return';
    else throw new CsvSyntaxError(this.#line, 'has text behind a closing quote');
    return null;
  }

  #add(text: string): void {
    this.#cell += text;
    this.#chars += text.length;
    if (this.#chars > recordCharsMax) {
      const limit = recordCharsMax.toLocaleString('en');
      const reason = `begins a record of more than ${limit} characters: is a quote never closed?`;
      throw new CsvSyntaxError(this.#recordLine, reason);
    }
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = '';
    this.#state = 'start';
  }

  #endRecord(): CsvRecord {
    this.#endCell();
    const record = { line: this.#recordLine, lastLine: this.#line, cells: this.#cells };
    this.#cells = [];
    this.#chars = 0;
    this.#line += 1;
    this.#recordLine = this.#line;
    return record;
  }

  #loneReturn(): CsvSyntaxError {
    return new CsvSyntaxError(this.#line, 'has a carriage return without a line feed');
  }
}

import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import PdfDocument from 'pdfkit';
import type { Cell } from './csv.js';

/** A column of a table: its head, its share of the page's width, and on which side its text stands. */
export interface PaperColumn {
  readonly head: string;
  readonly share: number;
  readonly align: 'left' | 'right';
}

const marginPt = 36;
const footerPt = 24;
const titlePt = 16;
const textPt = 8;
const gapPt = 6;
const rowGapPt = 3;
const lineColour = '#999999';

/** Where the package keeps its fonts; its code names them, and does not export them as files. */
const fontFile = new URL(
  '../fonts/NotoSansHans-Regular.otf',
  import.meta.resolve('@embedpdf/fonts-sc'),
);
let font: Buffer | undefined;

/**
 * A document of A4 pages on their side, in a font that has Chinese characters, of which it carries
 * those that it shows. The same content makes the same bytes.
 */
export class Paper {
  private readonly document: PDFKit.PDFDocument;
  private readonly chunks: Buffer[] = [];
  private readonly ended: Promise<void>;

  /** `madeAt` is told as the document's date. */
  constructor(
    private readonly title: string,
    madeAt: Date,
  ) {
    this.document = new PdfDocument({
      size: 'A4',
      layout: 'landscape',
      margins: { top: marginPt, left: marginPt, right: marginPt, bottom: marginPt },
      bufferPages: true,
      lang: 'zh-CN',
      displayTitle: true,
      info: { Title: title, Producer: 'Qingfen', Creator: 'Qingfen', CreationDate: madeAt },
    });
    font ??= readFileSync(fontFile);
    this.document.registerFont('text', font).font('text').fontSize(textPt);
    this.ended = new Promise((resolve, reject) => {
      this.document
        .on('data', (chunk: Buffer) => this.chunks.push(chunk))
        .once('error', reject)
        .once('end', resolve);
    });
  }

  /** The title, and what stands below it: names and their values, in two columns. */
  head(pairs: readonly (readonly [name: string, value: string | number])[]): void {
    const { document } = this;
    document.fontSize(titlePt).text(this.title, marginPt, marginPt);
    document.fontSize(textPt);
    const sixth = this.width / 6;
    const places = [0, 3 * sixth].flatMap((x) => [
      { x, width: sixth - gapPt },
      { x: x + sixth, width: 2 * sixth - gapPt },
    ]);
    const half = Math.ceil(pairs.length / 2);
    let y = document.y + gapPt;
    for (let row = 0; row < half; row += 1) {
      const texts = [pairs[row], pairs[row + half]].flatMap((pair) => pair ?? ['', '']);
      y += this.row(y, cellsOf(places, texts));
    }
    document.y = y + gapPt;
  }

  /** Rows under their heads, which stand on each page again. Other work goes on between the pages. */
  async table(columns: readonly PaperColumn[], rows: Iterable<readonly Cell[]>): Promise<void> {
    const { document } = this;
    const total = columns.reduce((sum, { share }) => sum + share, 0);
    let x = 0;
    const places = columns.map(({ share, align }) => {
      const width = (share / total) * this.width;
      x += width;
      return { x: x - width, width: width - gapPt, align };
    });
    const heads = cellsOf(
      places,
      columns.map(({ head }) => head),
    );
    let y = this.line(document.y, heads);
    for (const row of rows) {
      const cells = cellsOf(places, row);
      if (y + this.heightOf(cells) > this.bottom) {
        await nextTurn();
        document.addPage();
        y = this.line(marginPt, heads);
      }
      y += this.row(y, cells);
    }
    document.y = y;
  }

  /** Numbers the pages and ends the document. */
  async finish(): Promise<Buffer> {
    const { document } = this;
    const { start, count } = document.bufferedPageRange();
    for (let page = start; page < start + count; page += 1) {
      document.switchToPage(page);
      document.page.margins.bottom = 0; // else what stands in the margin would begin a page of its own
      const text = `${this.title}    ${page - start + 1} / ${count}`;
      const place = { width: this.width, align: 'center', lineBreak: false } as const;
      document.text(text, marginPt, document.page.height - footerPt, place);
    }
    document.end();
    await this.ended;
    return Buffer.concat(this.chunks);
  }

  private get width(): number {
    return this.document.page.width - 2 * marginPt;
  }

  private get bottom(): number {
    return this.document.page.height - marginPt;
  }

  /** Heads with a line below them. @returns where the first row stands */
  private line(y: number, heads: readonly PaperCell[]): number {
    const below = y + this.row(y, heads);
    this.document
      .moveTo(marginPt, below - 1)
      .lineTo(marginPt + this.width, below - 1)
      .lineWidth(0.5)
      .stroke(lineColour);
    return below + rowGapPt;
  }

  /** @returns how high the row is */
  private row(y: number, cells: readonly PaperCell[]): number {
    const { document } = this;
    for (const { text, x, width, align = 'left' } of cells) {
      if (text === '') continue;
      const lineBreak = this.isWide({ text, width });
      const left = align === 'right' && !lineBreak ? width - document.widthOfString(text) : 0;
      document.text(text, marginPt + x + left, y, lineBreak ? { width, align } : { lineBreak });
    }
    return this.heightOf(cells);
  }

  private heightOf(cells: readonly PaperCell[]): number {
    const one = this.document.currentLineHeight(true);
    const heights = cells.map(({ text, width }) =>
      this.isWide({ text, width }) ? this.document.heightOfString(text, { width }) : one,
    );
    return Math.max(one, ...heights) + rowGapPt;
  }

  private isWide({ text, width }: { readonly text: string; readonly width: number }): boolean {
    return text.length * textPt > width && this.document.widthOfString(text) > width;
  }
}

/** Where on a row a cell stands, from the margin on. */
interface Place {
  readonly x: number;
  readonly width: number;
  readonly align?: PaperColumn['align'];
}

interface PaperCell extends Place {
  readonly text: string;
}

function cellsOf(places: readonly Place[], texts: readonly Cell[]): PaperCell[] {
  return places.map((place, index) => ({ ...place, text: String(texts[index] ?? '') }));
}

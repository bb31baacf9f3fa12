import { classify, textIn } from './classify.js';
import { callAlipay } from './connection.js';
import type { AlipayConnection } from './connection.js';

const LINK = 'alipay.data.dataservice.bill.downloadurl.query';

/** Which bill is wanted, and what it may cost. */
export interface WantedBill {
  /** A Beijing day, `2026-01-05`; its bill is there from 09:00 of the next. */
  readonly day: string;
  readonly bytesMax: number;
  /** Of one download, whole. */
  readonly timeoutMs: number;
  /** An address works for 30 s, so a download that fails is begun with a new one. */
  readonly triesMax: number;
}

/** What came of asking for a bill. */
export type BillDownload =
  /** The file, byte for byte. */
  | { readonly kind: 'downloaded'; readonly bytes: Buffer }
  /** Alipay has not written it yet. */
  | { readonly kind: 'not-ready'; readonly why: string }
  /** Alipay has nothing for that day. */
  | { readonly kind: 'no-data' }
  /** It will not be better for asking again: a permission, the merchant, the size. */
  | { readonly kind: 'refused'; readonly code: string; readonly why: string }
  /** The way there is broken; to be asked again later. */
  | { readonly kind: 'unclear'; readonly why: string };

/** Alipay writes these in capitals, in small letters and with a prefix (alipay.md 8.1). */
const NOT_READY = new Set(['BILL_NOT_EXIST']);
const NO_DATA = new Set(['NO_BILL_DATA', 'BILL_DATE_BEFORE_REGISTRATION']);

/**
 * Downloads the bill of the balance (`signcustomer`) of one day. The address that Alipay answers is used
 * only where it leads to the gateway's own host or to Alipay's, and no redirection is followed: whoever
 * could change it would say what the books are compared with. Never throws.
 */
export async function downloadBill(
  connection: AlipayConnection,
  wanted: WantedBill,
): Promise<BillDownload> {
  let last: BillDownload = { kind: 'unclear', why: 'it was not asked for' };
  for (let tries = 0; tries < wanted.triesMax; tries += 1) {
    const link = await askLink(connection, wanted.day);
    if (link.kind !== 'link') return link;
    const url = trustedUrl(link.url, connection.gateway);
    if (url === null) {
      const why = 'the address of the bill is not one of Alipay’s';
      return { kind: 'refused', code: 'FOREIGN_ADDRESS', why };
    }
    last = await fetchBill(url, wanted);
    if (last.kind !== 'unclear') return last;
  }
  return last;
}

type Link = { readonly kind: 'link'; readonly url: string };

async function askLink(
  connection: AlipayConnection,
  day: string,
): Promise<Link | Exclude<BillDownload, { kind: 'downloaded' }>> {
  const answer = await callAlipay(connection, LINK, { bill_type: 'signcustomer', bill_date: day });
  const outcome = classify(answer);
  if (outcome.kind === 'accepted') {
    const url = textIn(outcome.node, 'billDownloadUrl');
    return url === null
      ? { kind: 'unclear', why: 'no address was answered' }
      : { kind: 'link', url };
  }
  if (outcome.kind === 'not-sent') return { kind: 'unclear', why: outcome.why };
  const { failure } = outcome;
  if (failure === null)
    return { kind: 'unclear', why: outcome.kind === 'unknown' ? outcome.why : '' };
  const code = (failure.subCode ?? failure.code).replace(/^is[pv]\./i, '').toUpperCase();
  if (NOT_READY.has(code)) return { kind: 'not-ready', why: code };
  if (NO_DATA.has(code)) return { kind: 'no-data' };
  if (outcome.kind === 'refused') return { kind: 'refused', code, why: failure.message };
  return { kind: 'unclear', why: code };
}

/** The address over TLS, which Alipay's own hosts speak; null for a host that nobody vouches for. */
function trustedUrl(text: string, gateway: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const own = new URL(gateway);
  if (url.protocol === own.protocol && url.host === own.host) return url;
  const isAlipays = /(^|\.)(alipay|alipaydev|alipay-eco)\.com$/.test(url.hostname);
  if (!isAlipays || url.port !== '' || !/^https?:$/.test(url.protocol)) return null;
  url.protocol = 'https:';
  return url;
}

async function fetchBill(url: URL, { bytesMax, timeoutMs }: WantedBill): Promise<BillDownload> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { redirect: 'error', signal });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      return { kind: 'unclear', why: `the download answered ${response.status}` };
    }
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body) {
      size += piece.length;
      if (size > bytesMax) {
        return { kind: 'refused', code: 'TOO_LARGE', why: `more than ${bytesMax} bytes` };
      }
      pieces.push(piece);
    }
    const told = response.headers.get('content-length');
    if (told !== null && Number(told) !== size) {
      return { kind: 'unclear', why: 'the download broke off' };
    }
    return { kind: 'downloaded', bytes: Buffer.concat(pieces) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'unclear', why: `the download broke off: ${why.slice(0, 200)}` };
  }
}

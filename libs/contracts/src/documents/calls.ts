import type { z } from 'zod';

/** One call of the gateway's API, as the OpenAPI document tells of it. */
export interface Call {
  readonly method: 'get' | 'put' | 'post';
  /** Below `/api/v1`, in OpenAPI's way: `/shops/{shopId}`. */
  readonly path: string;
  /** Unique; what an implementation names to say that it has the call. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  /** Whether it needs no log-in. */
  readonly open?: boolean;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The media type of a file that it takes instead of a JSON body. */
  readonly file?: `${string}/${string}`;
  /** What it answers, by status. */
  readonly answers: Readonly<Record<number, Answer>>;
}

/** A schema for JSON, a media type for a file. */
export type Answer = z.ZodType | `${string}/${string}`;

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Media types of the files that the API answers, by the ending of their address. */
export const fileTypes = {
  csv: 'text/csv',
  xlsx,
  pdf: 'application/pdf',
  ndjson: 'application/x-ndjson',
} as const;

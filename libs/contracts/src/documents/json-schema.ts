import { z } from 'zod';

/** A JSON Schema, or any part of a generated document. */
export type JsonDocument = { readonly [key: string]: unknown };

/** The dialect of every schema that we write, in zod's word. */
export const dialectTarget = 'draft-2020-12';

/** The address of that dialect. */
export const dialect = 'https://json-schema.org/draft/2020-12/schema';

/**
 * The JSON Schema (draft 2020-12) of what may be sent: unknown fields of events are allowed there,
 * since they are ignored; those of bodies are not.
 */
export function jsonSchemaOf(schema: z.ZodType): JsonDocument {
  const generated = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: dialectTarget,
    override: describeMeta,
  });
  const { $schema: _draft, ...document } = generated;
  return document;
}

/** Adds what a schema's author said of it (`format`) in whichever registry. */
export function describeMeta(context: {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: object;
}): void {
  Object.assign(context.jsonSchema, z.globalRegistry.get(context.zodSchema));
}

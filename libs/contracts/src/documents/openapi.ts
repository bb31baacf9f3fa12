import type { z } from 'zod';
import { problemMediaType } from '../http/problem.js';
import { adminCalls } from './admin-calls.js';
import type { Answer, Call } from './calls.js';
import { type Components, componentsOf } from './components.js';
import { controlCalls } from './control-calls.js';
import { explanationCalls } from './explanation-calls.js';
import { ledgerCalls } from './ledger-calls.js';
import { reportCalls } from './report-calls.js';
import { taxCalls } from './tax-calls.js';
import { type JsonDocument, jsonSchemaOf } from './json-schema.js';
import { moneyCalls } from './money-calls.js';
import { shopCalls } from './shop-calls.js';

/** Every call of the API, implemented or not yet. */
export const apiCalls: readonly Call[] = [
  ...adminCalls,
  ...shopCalls,
  ...moneyCalls,
  ...explanationCalls,
  ...ledgerCalls,
  ...taxCalls,
  ...reportCalls,
  ...controlCalls,
];

/** Which part of the API a document tells of. */
export interface OpenApiOptions {
  /** Ids of the calls that exist; all where it is absent. An id of no call is refused. */
  readonly implemented?: readonly string[];
}

/**
 * The OpenAPI 3.1 document of the gateway.
 *
 * @throws RangeError for an id that no call has.
 */
export function openApiDocument(options: OpenApiOptions = {}): JsonDocument {
  const calls = chosenCalls(options.implemented);
  const components = componentsOf(calls);
  const paths: Record<string, Record<string, JsonDocument>> = {};
  for (const call of calls) {
    const path = (paths[call.path] ??= {});
    path[call.method] = operationOf(call, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Qingfen',
      version: '1',
      description:
        'Automatic Alipay settlement for social-commerce shops. Amounts are decimal text beside ' +
        'a currency, instants ISO 8601 with an offset. Unknown fields of a body are refused.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: components.schemas,
      responses: { Problem: problemResponse },
    },
  };
}

function chosenCalls(ids: readonly string[] | undefined): readonly Call[] {
  if (ids === undefined) return apiCalls;
  const known = new Set(apiCalls.map((call) => call.id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new RangeError(`no call has the id ${unknown.join(', ')}`);
  const chosen = new Set(ids);
  return apiCalls.filter((call) => chosen.has(call.id));
}

const problemResponse: JsonDocument = {
  description: 'What is wrong, as a problem document (RFC 9457)',
  content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
};

const statusWords: Readonly<Record<number, string>> = {
  200: 'Read or changed',
  201: 'Made',
  202: 'Begun; it goes on, or waits for a second person',
};

function operationOf(call: Call, components: Components): JsonDocument {
  const parameters = [...pathParameters(call.path), ...queryParameters(call), ...keyOf(call)];
  return {
    operationId: call.id,
    tags: [call.tag],
    summary: call.summary,
    ...(call.open === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(call.body === undefined ? {} : { requestBody: requestBodyOf(call.body, components) }),
    ...(call.file === undefined ? {} : { requestBody: fileBodyOf(call.file) }),
    responses: responsesOf(call, components),
  };
}

function requestBodyOf(body: z.ZodType, components: Components): JsonDocument {
  const content = { 'application/json': { schema: components.refTo(body) } };
  return { required: true, content };
}

function fileBodyOf(mediaType: string): JsonDocument {
  const schema = { type: 'string', format: 'binary' };
  return { required: true, content: { [mediaType]: { schema } } };
}

function responsesOf(call: Call, components: Components): JsonDocument {
  const responses: Record<string, JsonDocument> = {};
  for (const [status, answer] of Object.entries(call.answers)) {
    responses[status] = {
      description: statusWords[Number(status)] ?? 'Answered',
      content: contentOf(answer, components),
    };
  }
  responses['default'] = { $ref: '#/components/responses/Problem' };
  return responses;
}

function contentOf(answer: Answer, components: Components): JsonDocument {
  if (typeof answer === 'string') return { [answer]: {} };
  return { 'application/json': { schema: components.refTo(answer) } };
}

function pathParameters(path: string): JsonDocument[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } };
  });
}

function queryParameters(call: Call): JsonDocument[] {
  if (call.query === undefined) return [];
  const { properties } = jsonSchemaOf(call.query);
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: false, schema };
  });
}

// A write may be sent again without being done again.
function keyOf(call: Call): JsonDocument[] {
  if (call.method === 'get' || call.open === true) return [];
  const description = 'The same key and body give the first answer again';
  return [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description,
      schema: { type: 'string' },
    },
  ];
}

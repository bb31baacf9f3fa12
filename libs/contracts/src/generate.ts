import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { asyncApiDocument, eventDocument } from './documents/asyncapi.js';
import { openApiDocument } from './documents/openapi.js';
import { yamlOf } from './documents/yaml.js';
import { topicNames } from './topics.js';

const docsFolder = path.resolve(import.meta.dirname, '../../../docs');

/** Every generated document by its path below `docs/`. */
export function contractDocuments(): ReadonlyMap<string, string> {
  const documents = new Map<string, string>();
  for (const topic of topicNames) documents.set(`events/${topic}.json`, json(eventDocument(topic)));
  documents.set('asyncapi.yaml', yamlOf(asyncApiDocument()));
  documents.set('openapi.json', json(openApiDocument()));
  return documents;
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** What in `docs/` is not what the schemas say: paths and how they differ. */
export function driftOf(folder: string): string[] {
  const documents = contractDocuments();
  const drift: string[] = [];
  for (const [name, text] of documents) {
    const found = read(path.join(folder, name));
    if (found === null) drift.push(`${name} is missing`);
    else if (found !== text) drift.push(`${name} differs`);
  }
  for (const name of eventFiles(folder)) {
    if (!documents.has(name)) drift.push(`${name} belongs to no topic`);
  }
  return drift;
}

/** Writes every document, and removes those of topics that are no more. */
export function writeDocuments(folder: string): void {
  const documents = contractDocuments();
  mkdirSync(path.join(folder, 'events'), { recursive: true });
  for (const name of eventFiles(folder)) {
    if (!documents.has(name)) rmSync(path.join(folder, name));
  }
  for (const [name, text] of documents) writeFileSync(path.join(folder, name), text);
}

function eventFiles(folder: string): string[] {
  try {
    return readdirSync(path.join(folder, 'events')).map((name) => `events/${name}`);
  } catch {
    return [];
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function main(args: readonly string[]): void {
  if (!args.includes('--check')) {
    writeDocuments(docsFolder);
    process.stdout.write(`wrote ${contractDocuments().size} documents below docs/\n`);
    return;
  }
  const drift = driftOf(docsFolder);
  for (const line of drift) process.stderr.write(`docs/${line}: run npm run contracts\n`);
  if (drift.length > 0) process.exitCode = 1;
}

const [, script] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  main(process.argv.slice(2));
}

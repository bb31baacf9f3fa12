import { existsSync } from 'node:fs';
import path from 'node:path';

/** The clone this file belongs to: the folder that holds `tools/kafka/pom.xml`. */
export function cloneDirectory(): string {
  let directory = import.meta.dirname;
  while (!existsSync(path.join(directory, 'tools', 'kafka', 'pom.xml'))) {
    const parent = path.dirname(directory);
    if (parent === directory) throw new Error('tools/local runs outside of its clone');
    directory = parent;
  }
  return directory;
}

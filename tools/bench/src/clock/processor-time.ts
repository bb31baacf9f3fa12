import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in `/proc`: 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

interface Process {
  readonly parent: number;
  readonly ticks: number;
}

/** Processor time, user and system, that a process and all below it have used, in milliseconds. */
export function processorMsOf(root: number): number {
  const processes = readProcesses();
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1;) {
      if (at === root) return true;
      at = processes.get(at)?.parent;
    }
    return false;
  };
  let ticks = 0;
  for (const [pid, process] of processes) if (isBelow(pid)) ticks += process.ticks;
  return (ticks * 1_000) / ticksPerSecond;
}

function readProcesses(): ReadonlyMap<number, Process> {
  const processes = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const process = readProcess(Number(name));
    if (process !== undefined) processes.set(Number(name), process);
  }
  return processes;
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets and may hold anything; count behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined; // it ended while we looked
  }
}

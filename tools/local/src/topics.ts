import { inheritedVariables, readLocalConfig } from './config.js';
import { reasonOf } from './data-directory.js';
import { checkTopics, createTopics } from './topic-admin.js';

const usage = `npm run topics -- create|check

Creates the topics that are missing, or compares those of the brokers with the contract.
  KAFKA_BROKERS             host:port of brokers, separated by commas (needed)
  KAFKA_PARTITIONS          partitions of order, payee, statement and payout topics (6)
  KAFKA_REPLICATION_FACTOR  replicas of every topic (1)
`;

/** Says what it did on standard output; the result is the exit status. */
async function main(command: string | undefined): Promise<number> {
  const config = readLocalConfig(inheritedVariables());
  const { kafkaBrokers, partitions, replicationFactor } = config;
  if (!['create', 'check'].includes(command ?? '') || kafkaBrokers === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const sizing = {
    ...(partitions === undefined ? {} : { partitions }),
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
  };
  if (command === 'create') {
    const created = await createTopics(kafkaBrokers, sizing);
    for (const name of created) process.stdout.write(`created ${name}\n`);
  }
  const problems = await checkTopics(kafkaBrokers, sizing);
  for (const { topic, problem } of problems) process.stdout.write(`${topic} ${problem}\n`);
  process.stdout.write(problems.length === 0 ? 'all topics are as they should be\n' : '');
  return problems.length === 0 ? 0 : 1;
}

main(process.argv[2]).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  },
);

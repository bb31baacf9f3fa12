import { topics } from '@qingfen/contracts';
import type { ServiceDefinition } from '@qingfen/hosting';
import { CreateDeliveriesAndAlerts1763770000001 } from './migrations/1763770000001-create-deliveries-and-alerts.js';
import { AddAcknowledgements1763770000101 } from './migrations/1763770000101-add-acknowledgements.js';
import { AddDigests1763770000201 } from './migrations/1763770000201-add-digests.js';
import { AddAlertSteps1763770000301 } from './migrations/1763770000301-add-alert-steps.js';
import { NotificationModule } from './notification.module.js';

/** Owns deliveries to payees and operators, their templates and the list of alerts; says its own alerts only. */
export const notificationService: ServiceDefinition = {
  name: 'notification',
  migrations: [
    CreateDeliveriesAndAlerts1763770000001,
    AddAcknowledgements1763770000101,
    AddDigests1763770000201,
    AddAlertSteps1763770000301,
  ],
  groups: [
    {
      name: 'qf-notification-main',
      topics: [
        topics.statementIssued,
        topics.payoutResult,
        topics.payeeUpserted,
        topics.shopUpserted,
        topics.alertRaised,
        topics.reconciliationCompleted,
        topics.ledgerHead,
        topics.planChangeAnnounced,
      ],
    },
  ],
  module: NotificationModule,
};

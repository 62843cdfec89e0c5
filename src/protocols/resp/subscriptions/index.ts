export { ClientSubscriptions, subscriptionsOf } from './client-subscriptions.ts'
export { messageForms } from './forms.ts'
export { notificationClasses, Notifications } from './notifications.ts'
export { type ClientClass, OutputGuard, type OutputLimit, OutputLimits } from './output-limits.ts'

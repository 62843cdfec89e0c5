export { ClientSubscriptions, subscriptionsOf } from './client-subscriptions.ts'
export { messageForms } from './forms.ts'

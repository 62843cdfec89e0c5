export { Tracking, type TrackingMode } from './tracking.ts'
export { Trackings } from './trackings.ts'

export { type AlarmKind, Alarms, type Resources, type Watermark } from './alarms.ts'

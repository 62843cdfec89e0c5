export { Schedule, type ScheduleOutlet } from './schedule.ts'

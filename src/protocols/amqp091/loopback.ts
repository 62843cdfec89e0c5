/** Whether the peer sits on this machine. */
export const isLoopback = (host: string): boolean => host === '::1' || /^127\./.test(host)

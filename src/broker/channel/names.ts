const NOT_ASCII = /[^\0-\x7f]/

/** The channel of a topic: its name's UTF-8, one character for each byte. */
export const channelOf = (name: string): string =>
  NOT_ASCII.test(name) ? Buffer.from(name, 'utf8').toString('latin1') : name

/** What is no UTF-8 becomes a name that no topic has been given. */
export const topicNameOf = (channel: string): string =>
  NOT_ASCII.test(channel) ? Buffer.from(channel, 'latin1').toString('utf8') : channel

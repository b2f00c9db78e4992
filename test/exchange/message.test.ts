import { expect } from 'chai'
import { readMessage } from '../../src/exchange/message.ts'

const message = (contentClass: string, type: string, ...parts: string[]): Buffer =>
  Buffer.from(
    `Subject: x\r\nContent-Class: ${contentClass}\r\nContent-Type: ${type}; boundary=b\r\n\r\n` +
      parts.map((part) => `--b\r\nContent-Type:\r\n ${part}; name=x\r\n\r\ndata\r\n`).join(''),
  )
const classOf = (...of: Parameters<typeof message>): string => readMessage(message(...of)).class

describe('message class ([MS-OXCMAIL] 2.2.3.2.15)', () => {
  it('promotes voice with a voice attachment, in any case, inside multipart or alone', () => {
    expect(classOf('Voice-CA', 'multipart/mixed', 'text/plain', 'audio/MP3')).to.equal(
      'IPM.Note.Microsoft.Voicemail.UM.CA',
    )
    expect(classOf('voice', 'multipart/mixed', 'audio/wav')).to.equal('IPM.Note.Microsoft.Voicemail.UM')
    expect(classOf('voice-uc', 'audio/wma')).to.equal('IPM.Note.Microsoft.Conversation.Voice')
  })
  it('leaves voice without a voice attachment a note, audio/mpeg included', () => {
    for (const type of ['text/plain', 'audio/mpeg', 'audio/x-wav'])
      expect(classOf('voice-ca', 'multipart/mixed', type)).to.equal('IPM.Note')
  })
  it('promotes fax by its order of parts, missed calls as they are, custom classes by name', () => {
    expect(classOf('fax', 'multipart/mixed', 'text/html', 'image/tiff')).to.equal('IPM.Note.Microsoft.Fax')
    expect(classOf('fax-ca', 'multipart/mixed', 'image/tiff', 'text/html')).to.equal('IPM.Note')
    expect(classOf('missedcall', 'text/plain')).to.equal('IPM.Note.Microsoft.Missed.Voice')
    expect(classOf('urn:content-class:custom.Teams', 'text/plain')).to.equal('IPM.Note.Custom.Teams')
  })
  it('promotes neither a rewritten class nor voice headers without one', () => {
    expect(classOf('unauthenticatedVoice-CA', 'audio/wav')).to.equal('IPM.Note')
    expect(readMessage(Buffer.from('X-VoiceMessageDuration: 1\r\n\r\nContent-Class: voice\r\n')).class).to.equal(
      'IPM.Note',
    )
  })
  it('reads a folded Message-ID from the header alone', () => {
    expect(readMessage(Buffer.from('message-id:\r\n <a@b>\r\n\r\n')).id).to.equal('<a@b>')
    expect(readMessage(Buffer.from('Subject: x\r\n\r\nMessage-ID: <a@b>\r\n')).id).to.equal(undefined)
    expect(readMessage(new Uint8Array()).id).to.equal(undefined)
  })
})

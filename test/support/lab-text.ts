/** A small lab file, each line where a test can name it. Its sounds are those of `scenarios/audio`. */
export const labText = `version: 1
lab: small
pbx: { name: pbx.inside.test, bind: 127.0.10.10 }
extensions:
  - { number: "1001", phone: rings, ring: 1s }
  - { number: "1002", phone: answers, talk: talk-1002.wav }
pilot: "7000"
sbc:
  inside: { name: sbc.inside.test, bind: 127.0.10.20 }
  outside: { name: sbc.edge.test, bind: 127.0.20.20 }
voicemail:
  name: voicemail.edge.test
  bind: 127.0.20.30
  silence: 3s
  prompts: { standard: greeting-system.wav, oof: greeting-system-oof.wav }
exchange: { name: exchange.edge.test, bind: 127.0.20.40, domain: postern.test, realm: contoso }
mailboxes:
  - number: "1001"
    name: Anna Berg
    smtp: anna.berg@postern.test
    greetings: { standard: greeting-standard-1001.wav, oof: greeting-oof-1001.wav }
    oof-greeting: always
  - { number: "1002", name: Carl Jensen, smtp: carl.jensen@postern.test, voicemail: false }
`

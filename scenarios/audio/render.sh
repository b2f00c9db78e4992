#!/bin/sh
# Makes every WAV file of texts.yaml again: mono, 8 kHz, G.711 mu-law. Needs espeak-ng and sox.
# The files in the repository are the ones tests use; another espeak-ng release may speak a little differently.
set -eu
cd "$(dirname "$0")"
raw=$(mktemp --suffix=.wav)
trap 'rm -f "$raw"' EXIT

# render <name> <voice> <speed> <pitch> <text>: spoken, cut to 50 ms of silence at either end, peak at -4 dB.
render() {
  espeak-ng -v "$2" -s "$3" -p "$4" -w "$raw" "$5"
  sox -R -D "$raw" -r 8000 -c 1 -e mu-law -b 8 "$1.wav" \
    highpass 150 norm -4 \
    silence 1 0.005 0.5% reverse silence 1 0.005 0.5% reverse pad 0.05 0.05
  printf '%s %.2f s\n' "$1" "$(soxi -D "$1.wav")"
}

awk '
  /^[a-z]/ { name = $1; sub(/:$/, "", name) }
  /^  [a-z]+: / { key = $1; value = $0; sub(/^  [a-z]+: /, "", value); field[key] = value }
  /^  text: / { printf "%s|%s|%s|%s|%s\n", name, field["voice:"], field["speed:"], field["pitch:"], field["text:"] }
' texts.yaml | while IFS='|' read -r name voice speed pitch text; do
  render "$name" "$voice" "$speed" "$pitch" "$text"
done

// Coverage is of this process alone. What children and workers write is merged wrongly by line with what runs here, and
// shows lines as missed that were run: so it is not handed on to them.
delete process.env['NODE_V8_COVERAGE']

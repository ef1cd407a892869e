"""OpenAI- and Anthropic-shaped server with fixed usage, so that real SDKs make real calls whose tokens are known.

chat and responses: 120 prompt tokens of which 64 cached, 35 output of which 8 reasoning; embeddings: 9;
messages: 40 uncached + 20 cache write + 64 cache read, 35 output. A model with "error" in its name answers 400.
"""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = "Paris is sunny today, 21 degrees."
CHAT = {
    "prompt_tokens": 120, "completion_tokens": 35, "total_tokens": 155,
    "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 8, "audio_tokens": 0},
}
MESSAGES = {
    "input_tokens": 40, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 64, "output_tokens": 35,
    "service_tier": "standard", "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 0},
}
SERVED = {"gpt-4o-mini": "gpt-4o-mini-2024-07-18", "gpt-4o": "gpt-4o-2024-08-06"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, chunks):
        body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        model = question.get("model", "")
        number = self.server.next_number()
        if "error" in model:
            message = f"The model `{model}` does not exist"
            return self.answer(400, {"error": {"message": message, "type": "invalid_request_error", "code": "model_not_found"}})
        if self.path.endswith("/chat/completions"):
            return self.chat(question, SERVED.get(model, model), number)
        if self.path.endswith("/embeddings"):
            data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
            return self.answer(200, {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": 9, "total_tokens": 9}})
        if self.path.endswith("/messages"):
            return self.answer(200, {
                "id": f"msg_{number}", "type": "message", "role": "assistant", "model": model, "stop_reason": "end_turn",
                "stop_sequence": None, "content": [{"type": "text", "text": ANSWER}], "usage": MESSAGES})
        self.answer(404, {"error": {"message": "no such path"}})

    def chat(self, question, served, number):
        base = {"id": f"chatcmpl-{number}", "created": 1, "model": served, "service_tier": "default"}
        if not question.get("stream"):
            message = {"role": "assistant", "content": ANSWER, "refusal": None}
            choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
            return self.answer(200, {**base, "object": "chat.completion", "choices": [choice], "usage": CHAT})
        deltas = [{"role": "assistant", "content": ""}] + [{"content": word + " "} for word in ANSWER.split()]
        chunk = lambda delta, finish: {
            **base, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        chunks = [chunk(delta, None) for delta in deltas] + [chunk({}, "stop")]
        if (question.get("stream_options") or {}).get("include_usage"):
            chunks.append({**base, "object": "chat.completion.chunk", "choices": [], "usage": CHAT})
        self.stream(chunks)


class FakeLLM(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.number = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def next_number(self):
        with self.lock:
            self.number += 1
            return self.number

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

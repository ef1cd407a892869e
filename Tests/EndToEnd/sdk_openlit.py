"""OpenLIT over OTLP/HTTP: traces, logs and metrics of an OpenAI call, an embedding and an Anthropic call."""
import os

import openlit

openlit.init(
    otlp_endpoint=os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"], otlp_headers=os.environ["OTEL_EXPORTER_OTLP_HEADERS"],
    application_name="weather-app", environment="staging", pricing_json=os.environ["PRICING_JSON"])
import anthropic
import openai
from opentelemetry import metrics, trace


@openlit.trace
def pipeline():
    client = openai.OpenAI(max_retries=0)
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Weather in Paris?"}], user="ben")
    client.embeddings.create(model="text-embedding-3-small", input="weather")
    anthropic.Anthropic(max_retries=0).messages.create(
        model="claude-sonnet-4-5", max_tokens=64, messages=[{"role": "user", "content": "Weather in Paris?"}])


pipeline()
trace.get_tracer_provider().force_flush()
metrics.get_meter_provider().force_flush()

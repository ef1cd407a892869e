"""What the README's first trace does, with the Langfuse SDK and its OpenAI drop-in; run as an own process with the printed variables."""
import sys

from langfuse import get_client, observe, propagate_attributes
from langfuse.openai import openai

client = openai.OpenAI(max_retries=0)
langfuse = get_client()
assert langfuse.auth_check()


@observe(name="answer-question")
def answer():
    with propagate_attributes(user_id="ana", session_id="session-1", tags=["first-light"], metadata={"endpoint": "/ask"}):
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Weather in Paris?"}])
        list(client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Stream it"}], stream=True))
        langfuse.score_current_trace(name="helpful", value=1, data_type="NUMERIC")
    return langfuse.get_trace_url()


print(answer())
langfuse.flush()
sys.stdout.flush()

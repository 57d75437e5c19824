"""harken for other programs and machines: web page, WebSocket, OpenAI-style HTTP and Wyoming, from one process."""

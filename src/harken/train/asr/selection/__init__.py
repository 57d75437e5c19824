"""Learning without text: which machine transcripts to learn from, and how (method 4).

After Langzhou Chen and Volker Leutnant, "Acoustic Model Bootstrapping Using Semi-Supervised Learning", Interspeech
2019. Every recording of a pool is decoded (`decoding`) into slots with two competing words each (`slots`). What similar
sounds elsewhere in the pool say about the same two words corrects the uncertainty of a slot (`evidence`). Recordings
whose uncertainty falls most are chosen (`choice`), or those near the acoustic model's decision boundary (`margin`), and
the network learns from them together with transcribed speech (`task`).
"""

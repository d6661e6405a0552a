"""What a pull request would do to the applications that follow its repository: asked, judged, put in words.

`ask` puts questions to the other processes, `preview` gathers the facts of one change, `judge` compares them,
and `markdown` and `plain` say what was found. Who may see which application is the caller's to say.
"""

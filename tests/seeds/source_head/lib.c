/*
 * widget.c: makes widgets
 *
 * Copyright (C) 2011-2016 Acme Widgets Ltd
 * Copyright 2019 B. Nobody <b@example.org>
 */
#include <stdio.h>
